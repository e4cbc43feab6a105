from ndgrad.autograd import engine
from ndgrad.graph import edge_of
def backward(x, gradient=None, retain_graph=None, create_graph=False):
    engine.run([(edge_of(x), engine.initial_cotangent(x, gradient))], None, retain_graph=create_graph if retain_graph is None else retain_graph, create_graph=create_graph)
def grad(y,xs,g=None,create_graph=False):
    es=[engine.edge_or_refuse(x) for x in xs]
    f=engine.run([(edge_of(y), engine.initial_cotangent(y, g))], es, retain_graph=create_graph, create_graph=create_graph)
    return [f.get(e) for e in es]
