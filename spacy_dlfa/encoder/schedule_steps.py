"""The schedule of the learning rate, in a training that forgets to step it."""

from thinc.api import Optimizer


class ScheduleSteps:
    """Steps the schedules of an optimizer whose learning rate stays 0, and goes on to step them.

    A warm-up starts at 0, and `spacy train` steps it after each update, which a loop around
    `nlp.update` seldom does. Once somebody else sets or steps the rate, it is left alone.
    """

    def __init__(self) -> None:
        self.stepping = False
        # The id of an optimizer, which would itself keep two copies of the weights, and its rate
        self.seen: tuple[int, float] | None = None

    def before_update(self, optimizer: Optimizer, *, by_hand: bool = False) -> bool:
        """Step, if nobody else does.

        by_hand (bool): This is not `spacy train`, whose very first update has a rate of 0, too.
        RETURNS (bool): Whether the rate is 0, was so before, and no step changes that.
        """
        if not isinstance(optimizer, Optimizer):
            return False
        left_alone = self.seen == (id(optimizer), optimizer.learn_rate)
        zero = optimizer.learn_rate == 0
        self.stepping = (self.stepping and left_alone) or (zero and (by_hand or left_alone))
        if self.stepping:
            optimizer.step_schedules()
        self.seen = (id(optimizer), optimizer.learn_rate)
        return left_alone and zero and optimizer.learn_rate == 0
