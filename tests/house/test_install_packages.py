"""What pip is told of where packages are, uv is told too."""

from install_packages import settings


def test_uv_goes_by_pips_settings_and_the_environments_hold():
    told = r""":env:.find-links='/media/wheels /srv/more'
global.extra-index-url='\nhttps://one.example/simple\nhttps://two.example/simple'
global.find-links='/opt/old'
global.timeout='60'
install.constraint='/etc/pip/constraints.txt'"""
    assert settings(told) == {
        "UV_FIND_LINKS": "/media/wheels,/srv/more",
        "UV_INDEX": "https://one.example/simple https://two.example/simple",
        "UV_CONSTRAINT": "/etc/pip/constraints.txt",
    }
