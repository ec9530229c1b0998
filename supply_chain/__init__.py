"""What the project is made of: known vulnerabilities of its pins, and bills of materials."""
