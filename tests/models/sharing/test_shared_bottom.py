from contracts.sharing_contract import NUM_TASKS, SharingContract, features, used_by
from penchant.models.sharing.shared_bottom import SharedBottom


class TestSharedBottom(SharingContract):
    sharing = SharedBottom

    def test_all_tasks_read_the_same(self) -> None:
        read = self.make()(features())
        assert (read == read[:, :1]).all()

    def test_every_task_uses_everything(self) -> None:
        for task in range(NUM_TASKS):
            assert all(used.any() for used in used_by(self.make(), task).values())

    def test_more_tasks_take_no_more_parameters(self) -> None:
        assert self.make(num_tasks=9).state_dict().keys() == self.make().state_dict().keys()
        assert sum(value.numel() for value in self.make(num_tasks=9).parameters()) == 6 * 4 + 4 + 2 * 4
