"""What people search for and do not find, and the words that mean the same to them."""
