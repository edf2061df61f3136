import unittest

from sluicebench import cases


class CasesTest(unittest.TestCase):
    def test_cycles_64_spread_routes_with_the_last_among_them(self):
        paths = next(c for c in cases.CASES if c.name == "routes-10000").paths()
        self.assertEqual(64, len(set(paths)))
        self.assertEqual("/r09999/item", paths[-1])

    def test_uses_every_route_when_there_are_few(self):
        paths = next(c for c in cases.CASES if c.name == "routes-10").paths()
        self.assertEqual([f"/r0000{i}/item" for i in range(10)], paths)

    def test_selects_by_name_in_table_order(self):
        self.assertEqual(["small-64", "get-1m"], [c.name for c in cases.select(["get-1m", "small-64"])])
        self.assertEqual(list(cases.CASES), cases.select([]))

    def test_names_an_unknown_case(self):
        with self.assertRaisesRegex(ValueError, "unknown case small-65"):
            cases.select(["small-65"])

    def test_policies_have_a_process_of_their_own_each_beside_the_other(self):
        none, everything = cases.select(["policies-none", "policies-all"])
        self.assertNotEqual(none.shape.label, everything.shape.label)
        self.assertEqual(none.group, everything.group)
        self.assertNotEqual(none.shape, cases.select(["small-64"])[0].shape)

    def test_goals_of_a_case_refer_to_cases_that_exist(self):
        names = {c.name for c in cases.CASES}
        for case in cases.CASES:
            for goal in case.goals:
                self.assertTrue(goal.proxy or goal.case in names)


if __name__ == "__main__":
    unittest.main()
