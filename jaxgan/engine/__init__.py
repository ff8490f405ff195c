"""The engine: states, players, stages and the one loop. It knows no family.

Nothing is imported here: training's modules bring Orbax and tensorboardX, which take
seconds to import, and those who only use a trained model need neither.
"""
