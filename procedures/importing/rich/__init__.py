"""Documents with formatted text: HTML of any origin, and what the Word reader makes of a DOCX file."""
