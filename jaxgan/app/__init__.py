"""The page: a web page with everything that trained models do, made with Gradio."""
