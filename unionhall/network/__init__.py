"""network 服务网络: centres, stations and points over both chains, who staffs them, when they are open; grid cells."""
