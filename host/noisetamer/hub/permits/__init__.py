"""Groups, their pacts and their e-permits: who plays when, where and how loud."""
