"""The one door for every change: load → decide → save, in one transaction.

``Engine.batch`` runs orders together in one transaction and answers each; concurrent requests share a
commit that way. What an order needs of the outside (a charge) happens between two orders.
"""

from seikyu.engine.execute.door import Door
from seikyu.engine.execute.engine import Engine
from seikyu.engine.execute.orders import Answer, Order, Origin

__all__ = ["Answer", "Door", "Engine", "Order", "Origin"]
