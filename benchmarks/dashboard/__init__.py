"""The browser view over full tables: seconds to the first paint, requests and their cost."""
