"""What is done in a real account: what the lab made and changed there, remembered, so that it can be taken back."""
