"""Reports as pages to print: one sitting, many of them, and one side of A4 for the doctor."""
