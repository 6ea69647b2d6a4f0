"""What setting up the lab makes and changes in your account, and the button that has it done."""
