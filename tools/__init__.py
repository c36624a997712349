"""What ./dev calls. Standard library only: it runs before anything is installed."""
