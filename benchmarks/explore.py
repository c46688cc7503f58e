"""What exploration costs and earns, and how far estimates from its logs can be trusted, in worlds whose truth is known.

    python benchmarks/explore.py regret [--steps 4000] [--worlds 20]
    python benchmarks/explore.py scale [--steps 4000] [--worlds 20]
    python benchmarks/explore.py arms [--worlds 20]
    python benchmarks/explore.py estimates [--logs 500] [--people 300 3000]
    python benchmarks/explore.py speed

`regret`: 40 kinds of people, 20 items, vectors of 16 that tell a part of each taste; a ranking that knows nothing; one item
shown at each step. `scale`: how much of the doubt is acted on, 0 = greedy, in the worlds of `regret` as they are, 300 late and
turned halfway; the best on average is chosen on worlds 0, 1, ... and reported on as many others, from 1,000 on, where differences
are paired with greedy by world. `arms`: 8 items that earn .1 to .8, nothing known of them or of people. `estimates`: logs of a
softmax policy, four visits a person; bias [95% over logs], root mean square error and coverage of the 95% interval of each
estimator, and how often a log is refused. `speed`: CPU time of one event and one request.
"""

import argparse
import time
from collections.abc import Callable, Sequence

import numpy as np

from penchant.evaluation.off_policy.estimate import estimate
from penchant.evaluation.off_policy.log import Log
from penchant.evaluation.significance import bootstrap_interval, paired_difference
from penchant.ranking.explore.posterior import Posterior, Prior
from penchant.ranking.explore.thompson import Thompson, ThompsonConfig
from penchant.records.errors import SupportError
from penchant.records.ranked import Ranked

KINDS, ITEMS, WIDTH = 40, 20, 16
SCALES = (0.0, 0.1, 0.3, 0.6, 1.0)
Choose = Callable[[Posterior, np.ndarray, np.random.Generator], int]


def greedy(posterior: Posterior, features: np.ndarray, _: np.random.Generator) -> int:
    return int((features @ posterior.mean).argmax())


def epsilon(share: float) -> Choose:
    def choose(posterior: Posterior, features: np.ndarray, rng: np.random.Generator) -> int:
        return int(rng.integers(len(features))) if rng.random() < share else greedy(posterior, features, rng)

    return choose


def thompson(posterior: Posterior, features: np.ndarray, rng: np.random.Generator) -> int:
    return int((features @ posterior.draw(1, rng)[0]).argmax())


def by_chance(_: Posterior, features: np.ndarray, rng: np.random.Generator) -> int:
    return int(rng.integers(len(features)))


POLICIES: dict[str, tuple[Choose, dict[str, float]]] = {
    "by chance": (by_chance, {}),
    "greedy": (greedy, {}),
    "epsilon .02": (epsilon(0.02), {}),
    "epsilon .1": (epsilon(0.1), {}),
    "Thompson, deviation .1": (thompson, {"prior_scale": 0.1}),
    "Thompson, deviation .3 (default)": (thompson, {}),
    "Thompson, deviation 1": (thompson, {"prior_scale": 1.0}),
    "Thompson, forgetting .999": (thompson, {"forgetting": 0.999}),
}


def one_world(
    choose: Choose, options: dict[str, float], seed: int, steps: int, delay: int, changes: bool
) -> np.ndarray:
    """What was lost at each step against the best item of that person, (steps,)."""
    rng = np.random.default_rng(seed)
    people, items = rng.normal(size=(KINDS, WIDTH)), rng.normal(size=(ITEMS, WIDTH))
    hidden = rng.normal(size=(KINDS, ITEMS))
    agent = Thompson.start(items, ThompsonConfig(width=14, score_weight=0.0, prior=Prior(**options)))
    features = agent.pairs(people, np.repeat(items[None], KINDS, 0), np.zeros((KINDS, ITEMS), np.float32))
    tastes = people[:, :4] @ items[:, :4].T / 2
    lost, waiting = np.zeros(steps), []
    for step in range(steps):
        sign = -1 if changes and step >= steps // 2 else 1
        who = int(rng.integers(KINDS))
        chances = 1 / (1 + np.exp(-(sign * tastes[who] + 0.3 * hidden[who] - 1)))
        item = choose(agent.posterior, features[who], rng)
        lost[step] = chances.max() - chances[item]
        waiting.append((features[who, item], float(rng.random() < chances[item])))
        if len(waiting) > delay:
            agent.learn(*waiting.pop(int(rng.integers(len(waiting)))))
    return lost


def regret(args: argparse.Namespace) -> None:
    print(f"| policy | {args.steps} steps | last quarter, per step | 300 late | turned halfway |")
    for name, (choose, options) in POLICIES.items():
        cells = []
        for delay, changes in ((0, False), (300, False), (0, True)):
            lost = np.array(
                [one_world(choose, options, seed, args.steps, delay, changes) for seed in range(args.worlds)]
            )
            cells.append(told(lost.sum(axis=1), 0))
            if not cells[1:]:
                cells.append(told(lost[:, -args.steps // 4 :].mean(axis=1), 3))
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


def scaled(scale: float) -> Choose:
    def choose(posterior: Posterior, features: np.ndarray, rng: np.random.Generator) -> int:
        return int((features @ (posterior.mean + scale * (posterior.draw(1, rng)[0] - posterior.mean))).argmax())

    return choose


def scale(args: argparse.Namespace) -> None:
    valid, fresh = range(args.worlds), range(1000, 1000 + args.worlds)
    means = {share: lost_in(scaled(share), valid, args.steps).mean(axis=1) for share in SCALES}
    for share, mean in means.items():
        print(f"chosen on: scale {share:g}: {', '.join(f'{lost:.0f}' for lost in mean)}, mean {mean.mean():.1f}")
    best = min(means, key=lambda share: float(means[share].mean()))
    print(
        f"chosen: {best:g}\n| scale | {args.steps} steps | over greedy | 300 late | | turned halfway | |\n{'|---' * 7}|"
    )
    greedily = lost_in(scaled(0), fresh, args.steps)
    for share in SCALES:
        found = lost_in(scaled(share), fresh, args.steps)
        cells = [f"{told(own, 0)} | {change(own, base)}" for own, base in zip(found, greedily, strict=True)]
        print(f"| {share:g} | {' | '.join(cells)} |", flush=True)


def lost_in(choose: Choose, worlds: Sequence[int], steps: int) -> np.ndarray:
    """What was lost in each world as it is, 300 late and turned halfway, (3, W)."""
    how = ((0, False), (300, False), (0, True))
    return np.array(
        [[one_world(choose, {}, seed, steps, delay, changes).sum() for seed in worlds] for delay, changes in how]
    )


def change(values: np.ndarray, others: np.ndarray) -> str:
    found = paired_difference(values, others)
    return f"{found.value:+.0f} [{found.low:+.0f}, {found.high:+.0f}]"


def arms(args: argparse.Namespace) -> None:
    print(f"| policy | {args.steps} steps | last quarter, per step | 300 late |")
    for name in ("by chance", "greedy", "epsilon .02", "epsilon .1", "Thompson, deviation .3 (default)"):
        now, late = (
            np.array([world_of_arms(POLICIES[name][0], seed, args.steps, delay) for seed in range(args.worlds)])
            for delay in (0, 300)
        )
        quarter = now[:, -args.steps // 4 :].mean(axis=1)
        print(f"| {name} | {told(now.sum(axis=1), 0)} | {told(quarter, 4)} | {told(late.sum(axis=1), 0)} |", flush=True)


def world_of_arms(choose: Choose, seed: int, steps: int, delay: int) -> np.ndarray:
    """What was lost at each step, (steps,)."""
    rng = np.random.default_rng(seed)
    chances, shown = rng.permutation(np.linspace(0.1, 0.8, 8)), np.eye(8)
    posterior, lost, waiting = Posterior.start(np.full(8, 0.5), Prior()), np.zeros(steps), []
    for step in range(steps):
        arm = choose(posterior, shown, rng)
        lost[step] = chances.max() - chances[arm]
        waiting.append((shown[arm], float(rng.random() < chances[arm])))
        if len(waiting) > delay:
            posterior.learn(*waiting.pop(int(rng.integers(len(waiting)))))
    return lost


def told(values: np.ndarray, digits: int) -> str:
    low, high = bootstrap_interval(values)
    return f"{values.mean():.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def softmax(scores: np.ndarray) -> np.ndarray:
    return np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)


def estimates(args: argparse.Namespace) -> None:
    """Two targets: near the policy that logs, and far from it; propensities right, or mixed with the even share."""
    rng = np.random.default_rng(0)
    chances, noise = rng.uniform(0.1, 0.9, (5, 10)), rng.normal(0, 0.5, (2, 5, 10))
    logging = softmax(noise[0] - chances)
    for how_far, strength in (("near", 1.0), ("far", 4.0)):
        target = softmax(noise[1] + strength * chances)
        for num_people in args.people:
            for mix in (0.0, 0.3):
                print(f"\n{how_far} target, {num_people} people, {'wrong' if mix else 'right'} propensities")
                table(chances, logging, target, num_people, mix, args.logs)


def table(
    chances: np.ndarray, logging: np.ndarray, target: np.ndarray, num_people: int, mix: float, num_logs: int
) -> None:
    truth, found, effective = float((target * chances).sum(axis=1).mean()), [], []
    for seed in range(num_logs):
        rng = np.random.default_rng(seed)
        kind = rng.integers(0, 5, num_people).repeat(4)
        actions = (logging[kind].cumsum(axis=1) < rng.random(len(kind))[:, None]).sum(axis=1).clip(max=9)
        mood = rng.uniform(-0.1, 0.1, num_people).repeat(4)
        log = Log(
            user_rows=np.arange(num_people).repeat(4),
            actions=actions,
            rewards=(rng.random(len(kind)) < chances[kind, actions] + mood).astype(float),
            propensities=(1 - mix) * logging[kind, actions] + mix / 10,
        )
        try:
            answer = estimate(log, target[kind], 0.2 + 0.5 * chances[kind], num_resamples=400, seed=seed)
        except SupportError:
            continue
        found.append(answer.rows)
        effective.append(answer.trust.effective_people)
    print(
        f"truth {truth:.4f}; refused {num_logs - len(found)} of {num_logs}; effective people {np.mean(effective or [np.nan]):.0f}"
    )
    for name in found[0] if found else ():
        rows = [row[name] for row in found]
        errors = np.array([row.value - truth for row in rows])
        covered = np.array([row.low <= truth <= row.high for row in rows], float)
        print(
            f"| {name} | {told(errors, 4)} | {(errors**2).mean() ** 0.5:.4f} | {100 * covered.mean():.1f}% |",
            flush=True,
        )


def speed(_: argparse.Namespace) -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(2000, 64))
    for forgetting in (1.0, 0.999):
        posterior = Posterior.start(np.zeros(64), Prior(forgetting=forgetting))
        taken = microseconds(lambda to=posterior: [to.learn(row, 1.0) for row in rows]) / len(rows)
        print(f"one event, 64 features, forgetting {forgetting}: {taken:.1f} us")
    items, people = rng.normal(size=(2000, 128)), rng.normal(size=(1, 128))
    agent = Thompson.start(items, ThompsonConfig())
    for num in (100, 500):
        some = np.arange(num, dtype=np.int32)[None]
        candidates = Ranked(some, rng.normal(size=(1, num)).astype(np.float32))
        ask = lambda c=candidates: agent.choose(c, agent.pairs(people, items[c.item_rows], c.scores), 10, rng)  # noqa: E731
        print(f"one request, {num} candidates, 62 features, 256 draws: {microseconds(ask) / 1000:.2f} ms")


def microseconds(work: Callable[[], object]) -> float:
    """The median CPU time of 15 rounds."""
    taken = []
    for _ in range(15):
        begin = time.process_time()
        work()
        taken.append(time.process_time() - begin)
    return float(np.median(taken)) * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    for name, work in (
        ("regret", regret),
        ("scale", scale),
        ("arms", arms),
        ("estimates", estimates),
        ("speed", speed),
    ):
        command = commands.add_parser(name)
        command.set_defaults(work=work)
        command.add_argument("--steps", type=int, default=4000)
        command.add_argument("--worlds", type=int, default=20)
        command.add_argument("--logs", type=int, default=500)
        command.add_argument("--people", type=int, nargs="+", default=[300, 3000])
    args = parser.parse_args()
    args.work(args)


if __name__ == "__main__":
    main()
