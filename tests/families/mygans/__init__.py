"""GANs of one's own: a package that lies outside jaxgan and is named in configs."""
