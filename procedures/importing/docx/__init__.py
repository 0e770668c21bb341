"""Word documents (DOCX): the package is opened with limits, its parts become the tree that HTML gives as well."""
