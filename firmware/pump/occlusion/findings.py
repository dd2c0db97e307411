"""What the pressure of the strokes has shown of the line, as conditions; and what an acknowledgement changes of it."""

from micropython import const

from pump import defs
from pump.occlusion import detector, direction, line_state, pressure_input, pressure_trace

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump import hal
    from pump.core import conditions
    from pump.occlusion import relief, stroke_rise

# Once these are acknowledged, only new strokes can show whether their cause still stands.
_CLEARED_BY_ACKNOWLEDGEMENT = (
    defs.ALARM_REVERSE_FLOW,
    defs.ALARM_UPSTREAM_OCCLUSION,
    defs.ALARM_LINE_OPEN,
    defs.ALARM_AIR_IN_LINE,
    defs.ALARM_PRESSURE_SENSOR,
)


class Findings:
    """The detectors of the line, and their common face."""

    def __init__(self, pressure: "hal.Pressure", conditions: "conditions.Conditions") -> None:
        self._conditions = conditions
        self.trace = pressure_trace.PressureTrace()
        self.input = pressure_input.PressureInput(pressure, conditions, self.trace)
        self.detector = detector.Detector()
        self.state = line_state.LineState(self.detector.rise, self.detector.retention)
        self.direction = direction.Direction()
        self.lowered = False  # the pump itself has lowered the pressure since the block: it tells nothing of the line
        self._no_flow = False  # an occlusion that the flow sensor has found
        self._relieving = False
        self._acknowledged = False  # the block, while it was relieved

    def configure(self, limit_pa: int, alarm_rise_pa: int) -> None:
        """The absolute limit, and the rise above the average that is an occlusion."""
        self.input.limit_pa = limit_pa
        self.detector.alarm_rise_pa = alarm_rise_pa

    def present_pa(self) -> int:
        """The last plausible sample for the log, 0 while there is none."""
        pa = self.input.pressure_pa
        return 0 if pa is None else pa

    def relearn(self, new_stroke: bool) -> None:
        """Another stroke size, or a line that was filled: all that was learned of the line is learned again."""
        self.detector.rise.restart()
        self.state.relearn()
        if not self._conditions.has(defs.BIT_OCCLUDED):
            self.detector.restart()

    # ---- alarms ------------------------------------------------------------------------------------------------------

    def begin_relief(self, counted: "relief.Relief", pressure_pa: int) -> None:
        """Tells the relief what the occlusion has retained in the line; nothing where no level is known."""
        finder = self.detector
        baseline_pa = finder.baseline_pa
        unit_pa = finder.staircase.unit_pa()
        if baseline_pa is None:
            counted.begin(0, pressure_pa, pressure_pa, unit_pa)
        elif self._conditions.has(defs.BIT_OCCLUDED):
            counted.begin(finder.strokes_retained, baseline_pa, pressure_pa, unit_pa)
        else:
            counted.begin(finder.strokes_in(pressure_pa - baseline_pa), baseline_pa, pressure_pa, unit_pa)

    def acknowledge(self, alarm: int) -> None:
        """An operator has acknowledged this alarm."""
        if alarm == self.trace.alarm:
            self.trace.acknowledge()
        if alarm in _CLEARED_BY_ACKNOWLEDGEMENT:
            self.clear_findings()
        elif alarm == defs.ALARM_OCCLUSION:
            self._no_flow = False
            if self._relieving:
                self._acknowledged = True
            else:
                self.forget_block()

    def begin_response(self) -> None:
        """An occlusion has stopped the pump: its relief begins, and nothing is forgotten until that is over."""
        self._relieving = True
        self._acknowledged = False
        self.lowered = False

    def end_response(self) -> None:
        """The relief is over: an operator who has acknowledged may resume: only new strokes can tell more."""
        self._relieving = False
        if self._acknowledged:
            self._acknowledged = False
            self.forget_block()

    def forget_block(self) -> None:
        """The next strokes test the line; the level before the block still holds."""
        self._conditions.clear(defs.BIT_OCCLUDED)

    def report_no_flow(self) -> None:
        """The flow sensor at the line's end sees nothing arrive; a fall of the pressure does not end this occlusion."""
        self._no_flow = True
        self._conditions.set(defs.BIT_OCCLUDED)
        self.trace.freeze(defs.ALARM_OCCLUSION)

    def clear_findings(self) -> None:
        """Called when an alarm is acknowledged: clears findings that only new strokes could clear."""
        if self._conditions.has(defs.BIT_OCCLUDED):  # the level before it shows when the occlusion is gone
            self.detector.clear_findings()
        else:
            self.detector.restart()  # the level may be that of a sensor that was wrong
        self.state.resume()
        self.state.finding = line_state.OPEN
        self.input.set_wrong(False)
        self._conditions.clear(defs.BIT_REVERSED | defs.BIT_UPSTREAM_BLOCKED | defs.BIT_LINE_OPEN)
        self._conditions.note(defs.NOTE_AIR_IN_LINE, False)

    # ---- a stroke ----------------------------------------------------------------------------------------------------

    def evaluate(self, stroke: "stroke_rise.StrokePressure") -> None:
        """All that is known of a stroke is measured: the detectors decide, the conditions follow."""
        conditions = self._conditions
        finder = self.detector
        rise = finder.rise
        if rise.strokes >= line_state.LEARNED:
            self.direction.expect(rise.most_pa(), rise.spread_pa)
        else:
            self.direction.expect(0, 0)
        if self.direction.add(stroke):
            self._reversed()
            return
        finder.pulse_pa = self.state.pulsation_pa
        if finder.update(stroke):
            conditions.set(defs.BIT_OCCLUDED)
            self.trace.freeze(defs.ALARM_OCCLUSION)
            return
        opened = finder.opened()
        finding = line_state.OPEN if opened else self.state.classify(stroke)
        if opened:
            conditions.set(defs.BIT_LINE_OPEN)
            self.trace.freeze(defs.ALARM_LINE_OPEN)
        elif finding == line_state.UPSTREAM and stroke.rise_pa < -finder.rise.mean_pa >> 1:
            self._reversed()  # strokes that do not arrive lower nothing
            return
        elif finding == line_state.UPSTREAM:
            conditions.set(defs.BIT_UPSTREAM_BLOCKED)
            self.trace.freeze(defs.ALARM_UPSTREAM_OCCLUSION)
        conditions.note(defs.NOTE_LINE_NARROW, finding == line_state.PARTIAL)
        conditions.note(defs.NOTE_AIR_IN_LINE, finding == line_state.AIR)
        self.input.set_wrong(finding >= line_state.SENSOR_STUCK or finder.jumped)

    def _reversed(self) -> None:
        """The strokes go backwards: what they have shown of the line is not true of it."""
        self._conditions.set(defs.BIT_REVERSED)
        self.trace.freeze(defs.ALARM_REVERSE_FLOW)
        self.relearn(False)
