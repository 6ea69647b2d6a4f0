"""Statistics: their windows, their splits, and the two spellings of a bulk request."""

from __future__ import annotations

from labkit.parity.player import ScenarioPlayer
from labkit.parity.scenario import scenario
from labkit.parity.scenarios.common import accept, everybody, task, worker

_STATISTICS = "Statistics | "


@scenario("Windows of cumulative statistics", seconds=70)
def statistics_windows(play: ScenarioPlayer) -> None:
    """Minutes beside StartDate, and an EndDate to come."""
    everybody(play)
    play.pass_time(70)
    began = play.began.strftime("%Y-%m-%dT%H:%M:%SZ")
    play.get("Minutes and StartDate", "CumulativeStatistics", Minutes=15, StartDate=began).settles(
        f"{_STATISTICS}Minutes beside StartDate and EndDate", start_time="+0 s"
    )
    play.get("an EndDate to come", "CumulativeStatistics", StartDate=began, EndDate="2099-01-01T00:00:00Z").settles(
        f"{_STATISTICS}EndDate to come", end_time="+70 s"
    )


@scenario("A wait as long as the threshold of a split", seconds=10)
def split_by_wait_time(play: ScenarioPlayer) -> None:
    """Ten seconds; on an account a Task waits a little longer than that."""
    everybody(play)
    worker(play, ActivitySid=play["Offline"])
    task(play)
    play.pass_time(10)
    play.post("the Worker comes", "Workers/{Alice}", ActivitySid=play["Available"])
    play.reservation("reservation")
    accept(play)
    play.get("the split", "CumulativeStatistics", SplitByWaitTime="10", Minutes=5).shows(
        f"{_STATISTICS}SplitByWaitTime, over 10,000 Tasks",
        {"answer.split_by_wait_time.10.below.reservations_accepted": 1},
    )


@scenario("Real-time statistics of several TaskQueues at once")
def bulk_statistics(play: ScenarioPlayer) -> None:
    """In both spellings."""
    everybody(play)
    bulk = f"{_STATISTICS}Bulk: 1 to 50 TaskQueues"
    for name in ("queueSids", "QueueSids"):
        given = {name: [play["queue"]]}
        play.request(
            f"with {name}",
            "POST",
            "TaskQueues/RealTimeStatistics",
            given,
            headers={"Content-Type": "application/json"},
        ).settles(bulk, status=200)
