"""A call that runs while the test does something else."""
import threading


class Job(threading.Thread):
    """A call in the background; result() joins and raises what it raised."""

    def __init__(self, call):
        super().__init__(daemon=True)
        self.call, self.value, self.problem = call, None, None
        self.start()

    def run(self):
        try:
            self.value = self.call()
        except BaseException as problem:
            self.problem = problem

    def result(self):
        self.join(60)
        assert not self.is_alive(), 'the call did not end'
        if self.problem:
            raise self.problem
        return self.value
