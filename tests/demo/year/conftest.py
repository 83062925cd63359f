import pytest
from small_year import SmallYear, small_year


@pytest.fixture(scope="session")
def a_year(tmp_path_factory: pytest.TempPathFactory) -> SmallYear:
    return small_year(tmp_path_factory)
