"""Pages of review: the desk's inbox and matter, the worker's 我的办件, the public 进度查询."""
