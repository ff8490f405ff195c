"""Mistakes a user can make, told in one line."""


class UserError(Exception):
  """Names the thing, says what was wrong and what to do, in one line.

  The verbs print it without a traceback and exit with status 2.
  """
