import machine

machine.WDT()
try:
    from first import f
except Exception as e:
    f = e
import tamer.start as s

s.run(f)
