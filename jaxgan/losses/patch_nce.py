"""PatchNCE (Park et al., 2020, arXiv:2007.15651): patches tell their places."""

import jax
import jax.numpy as jnp

TEMPERATURE = 0.07


def patch_nce(
  queries: jax.Array, keys: jax.Array, temperature: float = TEMPERATURE
) -> jax.Array:
  """Mean cross-entropy, in nats, of finding each query's key among its image's keys.

  Args:
    queries: vectors of length 1, [n, patches, d]; patch i's key is key i.
    keys: of the same shape. Only those of the same image are compared with.
    temperature: divides the products.

  Returns:
    A scalar; log(patches) where all vectors are alike.
  """
  logits = jnp.einsum("nqd,nkd->nqk", queries, keys) / temperature
  right = jnp.diagonal(logits, axis1=1, axis2=2)
  return jnp.mean(jax.nn.logsumexp(logits, -1) - right)
