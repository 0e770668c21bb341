"""What people do with procedures: one function per decision, called by pages, commands and tests alike."""
