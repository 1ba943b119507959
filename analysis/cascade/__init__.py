"""What caused what: every executed sale and purchase, and the earlier trades in the price it answered to."""
