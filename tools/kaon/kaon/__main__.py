"""python -m kaon"""

from kaon.cli import main

main()
