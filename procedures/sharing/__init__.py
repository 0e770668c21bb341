"""What leaves the firm on paper or by link: the status of a revision, shared copies, posters."""
