"""`merchant-sales dashboard`: runs, merchants and replays in a browser on this computer."""
