"""GANs and neural style transfer in JAX and Flax."""
