"""What waits in each TaskQueue, who could take it, and how soon it was taken, with plots."""
