"""Who is there to decide: absences and their deputies, and rounds that nobody completes."""
