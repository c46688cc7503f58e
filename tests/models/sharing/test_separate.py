from contracts.sharing_contract import NUM_TASKS, SharingContract, used_by
from penchant.models.sharing.separate import Separate


class TestSeparate(SharingContract):
    sharing = Separate

    def test_no_two_tasks_use_one_cell(self) -> None:
        uses = [used_by(self.make(), task) for task in range(NUM_TASKS)]
        for name in self.make().state_dict():
            assert sum(use[name].long() for use in uses).max() == 1, name
