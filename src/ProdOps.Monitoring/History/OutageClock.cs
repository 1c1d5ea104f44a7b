namespace ProdOps.Monitoring.History;

/// <summary>Adds up for how long something was up, down and not known between two moments.</summary>
internal sealed class OutageClock(DateTimeOffset from, DateTimeOffset to)
{
    private TimeSpan _available, _down, _unknown, _outage, _longest;
    private DateTimeOffset _since = DateTimeOffset.MinValue, _began;
    private DateTimeOffset? _longestBegan;
    private bool _isOut;
    private int _outages;

    /// <summary>Whether it is up; <see langword="null"/>: nobody knows.</summary>
    public bool? IsUp { get; private set; }

    public void Set(bool? isUp, DateTimeOffset now)
    {
        if (isUp == IsUp) return;
        Settle(now);
        IsUp = isUp;
    }

    public HealthAvailability Finish()
    {
        Settle(to);
        return new HealthAvailability
        {
            From = from, To = to, Available = _available, Down = _down, Unknown = _unknown, Outages = _outages, LongestOutage = _longest, LongestOutageStart = _longestBegan,
        };
    }

    private void Settle(DateTimeOffset now)
    {
        var (begin, end) = (_since > from ? _since : from, now < to ? now : to);
        if (now > _since) _since = now;
        if (end <= begin) return;
        var length = end - begin;
        switch (IsUp)
        {
            case null: _unknown += length; break;
            case true:
                _available += length;
                _isOut = false;
                break;
            default:
                _down += length;
                if (!_isOut) (_isOut, _outage, _began, _outages) = (true, TimeSpan.Zero, begin, _outages + 1);
                _outage += length;
                if (_outage > _longest) (_longest, _longestBegan) = (_outage, _began);
                break;
        }
    }
}
