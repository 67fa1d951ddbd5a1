import pytest

from skills.api import Ability, AdapterCommand, DeviceCommand
from skills.self import Itself
from skills.testing import Trial, context


class Yesterday:
    """A history in which a lamp was switched."""

    def spans(self, *_asked):
        return ()

    def undo(self, room=None):
        return (DeviceCommand("lamp", Ability.ON, False),)


@pytest.mark.parametrize(
    ("text", "language", "call"),
    [
        ("what can you do", "en", ("self.capabilities", {})),
        ("can you say that again please", "en", ("self.repeat", {})),
        ("Quiet.", "en", ("self.quiet", {})),
        ("speak a bit louder", "en", ("self.change_volume", {"by": 15})),
        ("turn yourself down", "en", ("self.change_volume", {"by": -15})),
        ("set your volume to forty percent", "en", ("self.set_volume", {"percent": 40})),
        ("That's not what I wanted.", "en", ("self.wrong", {})),
        ("why did you turn that light off?", "en", ("self.heard", {})),
        ("你都会做什么", "zh", ("self.capabilities", {})),
        ("再说一遍", "zh", ("self.repeat", {})),
        ("安静", "zh", ("self.quiet", {})),
        ("你说话小点声。", "zh", ("self.change_volume", {"by": -15})),
        ("你听错了", "zh", ("self.wrong", {})),
    ],
)
def test_what_is_said_to_the_assistant_itself_is_understood(understand, text, language, call):
    assert understand(text, language, skills=[Itself]) == [call]


@pytest.mark.parametrize(
    "text", ["what a night", "that is wrong on so many levels", "louder", "he said that again", "thank you"]
)
def test_other_talk_is_left_alone(understand, text):
    assert understand(text, skills=[Itself]) == []


def test_the_voice_is_told_in_its_own_words():
    trial = Trial(Itself)
    assert trial.call("quiet").commands == (AdapterCommand("voice", "quiet"),)
    assert trial.call("quiet").reply == ""
    assert trial.call("change_volume", by=-15).commands == (
        AdapterCommand("voice", "change_volume", {"delta": -15}),
    )


def test_what_was_heard_is_told_with_its_reason():
    asked = {("voice", "last"): {"heard": "lights off", "why": "the words match 'lights off'"}}
    done = Trial(Itself).call("heard", context(adapters=asked))
    assert done.reply == "I heard: lights off. And the words match 'lights off'."


def test_without_a_voice_of_its_own_it_says_so():
    done = Trial(Itself).call("heard")
    assert done.refused
    assert done.reply == "I can't tell right now."


def test_what_was_wrong_is_taken_back_where_it_can_be():
    assert Trial(Itself).call("wrong").reply == "Sorry. What did you mean?"
    done = Trial(Itself).call("wrong", context(history=Yesterday()))
    noted = AdapterCommand("voice", "wrong", {"room": ""})
    assert done.commands == (DeviceCommand("lamp", Ability.ON, False), noted)
    assert done.reply == "Sorry, I put it back. What did you mean?"
