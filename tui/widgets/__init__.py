"""The widgets; they know the model and text, nothing else of ours."""
