"""`python -m biofeedback` is the command `biofeedback`."""

import sys

if __name__ == "__main__":
    try:
        from biofeedback.cli import main

        sys.exit(main())
    except KeyboardInterrupt:  # before the program has begun
        sys.exit(0)
