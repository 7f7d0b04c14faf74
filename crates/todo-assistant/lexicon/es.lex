[classes]
[patterns]
help: help
