"""What runs inside the engine's process: needs the engine and the standard library, nothing else.

Each module adds one thing that MiniStack 1.5.33 lacks and takes the engine's modules as arguments.
"""
