"""Places for connections: limits altogether and by address, and who gives way to whom."""

from evens.edges.http.protocol.places import ConnectionLimits, Place, Places


class Door:
    """Lets connections in, and notes which were sent away."""

    def __init__(self, total_max: int, per_address_max: int, shared: tuple[str, ...] = ()) -> None:
        self.places = Places(ConnectionLimits(total_max, per_address_max), shared)
        self.sent_away: list[str] = []

    def enter(self, name: str, address: str) -> Place | None:
        return self.places.take(address, lambda: self.sent_away.append(name))


def test_the_longest_silent_gives_way() -> None:
    """Hold 2: connections are capped altogether, and whoever is silent makes room."""
    door = Door(total_max=2, per_address_max=9)
    first = door.enter("first", "10.0.0.1")
    assert first is not None
    assert door.enter("second", "10.0.0.2") is not None
    first.busy()
    first.idle()
    assert door.enter("third", "10.0.0.3") is not None
    assert door.sent_away == ["second"]
    assert len(door.places.taken) == 2


def test_who_is_being_served_never_gives_way() -> None:
    door = Door(total_max=1, per_address_max=9)
    served = door.enter("served", "10.0.0.1")
    assert served is not None
    served.busy()
    assert door.enter("newcomer", "10.0.0.2") is None
    served.release()
    assert door.enter("newcomer", "10.0.0.2") is not None
    assert door.sent_away == []


def test_one_address_takes_places_from_itself_only() -> None:
    """Hold 2: connections are capped by address; IPv6 by /64 network."""
    door = Door(total_max=9, per_address_max=2)
    assert door.enter("other", "2001:db8:0:2::1") is not None
    for number in range(5):
        assert door.enter(f"greedy {number}", f"2001:db8:0:1::{number:x}") is not None
    assert door.sent_away == ["greedy 0", "greedy 1", "greedy 2"]
    assert len(door.places.taken) == 3


def test_an_address_whose_places_are_all_busy_gets_no_more() -> None:
    door = Door(total_max=9, per_address_max=2)
    served = [door.enter("served", address) for address in ("10.0.0.1", "::ffff:10.0.0.1")]
    for place in served:
        assert place is not None
        place.busy()
    assert door.enter("third", "10.0.0.1") is None
    assert door.enter("other", "10.0.0.2") is not None


def test_proxies_have_no_limit_of_their_own() -> None:
    door = Door(total_max=9, per_address_max=1, shared=("127.0.0.1",))
    for number in range(9):
        assert door.enter(str(number), "127.0.0.1") is not None
    assert door.sent_away == []
    assert door.enter("tenth", "127.0.0.1") is not None
    assert door.sent_away == ["0"]


def test_places_are_given_back_once() -> None:
    door = Door(total_max=9, per_address_max=2)
    for _ in range(5):
        place = door.enter("one", "10.0.0.1")
        assert place is not None
        place.release()
        place.release()
        place.idle()
    assert not door.places.taken
    assert not door.places.idle
