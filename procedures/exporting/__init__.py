"""Files to take along: a revision as Markdown, Word document or one web page; many of them in a ZIP."""
