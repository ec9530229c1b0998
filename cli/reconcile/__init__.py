"""`merchant-sales reconcile`: an independent second opinion, which recounts the order files line by line."""
