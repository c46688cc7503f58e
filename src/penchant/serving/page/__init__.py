"""The page as plain files: HTML, style sheet, scripts. Served as they stand, nothing is built or fetched."""
