"""The lake: a federation's facts of one day as Parquet, and figures over one or several federations from them.

`facts` what is exported · `writing` a directory that appears whole · `checking` whether it still is · `figures` one
Ibis expression for each · `engines` DuckDB here or a Spark Connect server · `exchange` cells that may leave the house.
Needs the extra `lake` (pip install unionhall[lake]); nothing else in the program does.
"""

from importlib.util import find_spec

from unionhall.foundation.errors import Refused

PACKAGES = ("pyarrow", "ibis", "duckdb")


def require(*packages: str) -> None:
    """Raise Refused, saying what to install, unless the packages are here."""
    missing = [name for name in packages or PACKAGES if find_spec(name) is None]
    if missing:
        raise Refused(
            f"没有安装跨联合会统计所需的程序包（缺少 {'、'.join(missing)}）；请执行 pip install 'unionhall[lake]'。"
        )
