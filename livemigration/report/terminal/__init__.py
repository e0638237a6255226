"""What a run says on the terminal: repairs, a recap, the verdict and where its files are."""
