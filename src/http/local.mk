# http: nothing to build yet (README.md).
