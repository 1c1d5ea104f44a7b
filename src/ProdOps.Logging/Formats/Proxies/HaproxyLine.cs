using ProdOps.Logging.Formats.Access;
using ProdOps.Logging.Formats.Syslog;
using ProdOps.Logging.Formats.Times;
using ProdOps.Logging.Formats.Values;

namespace ProdOps.Logging.Formats.Proxies;

/// <summary>What a line of HAProxy is of.</summary>
internal enum HaproxyShape : byte
{
    /// <summary>Nothing HAProxy writes for requests and connections.</summary>
    Other,

    /// <summary>A request of HTTP ("option httplog").</summary>
    Http,

    /// <summary>A connection ("option tcplog").</summary>
    Tcp,
}

/// <summary>
/// Where the parts of a line of HAProxy stand (configuration manual, section 8.2), inside a line of syslog or bare:
/// <c>192.0.2.7:33317 [04/Nov/2026:00:00:05.390] http-in~ static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "GET / HTTP/1.1"</c>.
/// </summary>
internal ref struct HaproxyLine
{
    private readonly ReadOnlySpan<byte> _line;
    private SyslogHeader _header;
    private bool _hasHeader;
    private DateTimeOffset _accepted;
    private int _body, _date, _dateEnd, _frontend, _frontendEnd, _backend, _backendEnd, _timers, _timersEnd, _status, _statusEnd, _bytes, _bytesEnd,
        _requestCookie, _responseCookie, _responseCookieEnd, _state, _stateEnd, _connections, _connectionsEnd, _queues, _queuesEnd;

    public HaproxyLine(ReadOnlySpan<byte> line, TimeContext context)
    {
        _line = line;
        _hasHeader = SyslogHeader.TryRead(line, context, out _header) && (_header.Time is not null || _header.PriorityLength > 0);
        _body = _hasHeader ? _header.Message : line.StartsWith("haproxy["u8) ? Math.Max(line.IndexOf("]: "u8) + 3, 0) : 0;
        Shape = ReadBody(context);
    }

    public HaproxyShape Shape { get; }

    /// <summary>When the line was written: syslog's time; a bare line has when the connection came.</summary>
    public readonly DateTimeOffset? Time => _header.Time ?? (Shape == HaproxyShape.Other ? null : _accepted);

    /// <summary>A request by its status; a connection by who ended it before its time.</summary>
    public readonly LogLevel? Level => Shape switch
    {
        HaproxyShape.Http => LevelText.OfStatus(_line[_status.._statusEnd]),
        HaproxyShape.Tcp => _line[_state] switch
        {
            (byte)'-' => LogLevel.Informational,
            (byte)'C' or (byte)'c' => LogLevel.Warning,
            _ => LogLevel.Error,
        },
        _ => _hasHeader ? SyslogFormat.Level(_header, _line) : null,
    };

    /// <summary>Adds all parts.</summary>
    /// <returns>False if it is not even a line of syslog.</returns>
    public readonly bool AddTo(FieldList fields)
    {
        if (_hasHeader) _header.AddTo(fields, _line);
        if (Shape == HaproxyShape.Other)
        {
            fields.Level = Level;
            return _hasHeader;
        }

        fields.Time = Time;
        fields.Level = Level;
        fields.SetMessage(_line, _body);
        int colon = _body + _line[_body.._date].LastIndexOf((byte)':');
        fields.AddUnlessNothing(_line, "ClientIp", _body, colon, FieldKind.Address);
        fields.AddUnlessNothing(_line, "ClientPort", colon + 1, _date - 2, FieldKind.Number);
        fields.Add("AcceptDate", _date, _dateEnd - _date);
        // The tilde says that the client spoke TLS.
        fields.AddUnlessNothing(_line, "Frontend", _frontend, _line[_frontendEnd - 1] == '~' ? _frontendEnd - 1 : _frontendEnd);
        int slash = _backend + _line[_backend.._backendEnd].IndexOf((byte)'/');
        fields.AddUnlessNothing(_line, "Backend", _backend, slash);
        fields.AddUnlessNothing(_line, "BackendServer", slash + 1, _backendEnd);
        if (Shape == HaproxyShape.Http)
        {
            AddNumbers(fields, _timers, _timersEnd, HttpTimers, FieldKind.Milliseconds);
            AddNumber(fields, "Status", _status, _statusEnd, FieldKind.Number);
            AddNumber(fields, "Bytes", _bytes, _bytesEnd, FieldKind.Number);
            fields.AddUnlessNothing(_line, "RequestCookie", _requestCookie, _responseCookie - 1);
            fields.AddUnlessNothing(_line, "ResponseCookie", _responseCookie, _responseCookieEnd);
        }
        else
        {
            AddNumbers(fields, _timers, _timersEnd, TcpTimers, FieldKind.Milliseconds);
            AddNumber(fields, "Bytes", _bytes, _bytesEnd, FieldKind.Number);
        }

        fields.Add("TerminationState", _state, _stateEnd - _state);
        AddNumbers(fields, _connections, _connectionsEnd, Connections, FieldKind.Number);
        AddNumbers(fields, _queues, _queuesEnd, Queues, FieldKind.Number);
        if (Shape == HaproxyShape.Http) AddRequest(fields);
        return true;
    }

    private static readonly string[] HttpTimers = ["ReceiveTime", "QueueTime", "ConnectTime", "ResponseTime", "TotalTime"];
    private static readonly string[] TcpTimers = ["QueueTime", "ConnectTime", "TotalTime"];
    private static readonly string[] Connections = ["ActiveConnections", "FrontendConnections", "BackendConnections", "ServerConnections", "Retries"];
    private static readonly string[] Queues = ["ServerQueue", "BackendQueue"];

    private HaproxyShape ReadBody(TimeContext context)
    {
        int at = _body;
        if (!Word(ref at, out int client, out int clientEnd) || _line[client..clientEnd].LastIndexOf((byte)':') <= 0) return HaproxyShape.Other;
        if (!LineText.Has(_line, at, (byte)'[')) return HaproxyShape.Other;
        _date = at + 1;
        if (!NamedMonthTime.TryAccess(_line[_date..], context, out _accepted, out int length) || !LineText.Has(_line, _date + length, (byte)']')) return HaproxyShape.Other;
        _dateEnd = _date + length;
        at = _dateEnd + 2;
        if (!Word(ref at, out _frontend, out _frontendEnd) || !Word(ref at, out _backend, out _backendEnd) || !_line[_backend.._backendEnd].Contains((byte)'/')
            || !Word(ref at, out _timers, out _timersEnd)) return HaproxyShape.Other;
        int timers = Parts(_timers, _timersEnd);
        if (timers == 5 ? !ReadHttp(ref at) : timers != 3 || !Word(ref at, out _bytes, out _bytesEnd)) return HaproxyShape.Other;
        if (!Word(ref at, out _state, out _stateEnd) || _stateEnd - _state != (timers == 5 ? 4 : 2)) return HaproxyShape.Other;
        if (!Word(ref at, out _connections, out _connectionsEnd) || Parts(_connections, _connectionsEnd) != 5) return HaproxyShape.Other;
        if (!Word(ref at, out _queues, out _queuesEnd) || Parts(_queues, _queuesEnd) != 2) return HaproxyShape.Other;
        return timers == 5 ? HaproxyShape.Http : HaproxyShape.Tcp;
    }

    private bool ReadHttp(ref int at) => Word(ref at, out _status, out _statusEnd) && Word(ref at, out _bytes, out _bytesEnd)
        && Word(ref at, out _requestCookie, out _) && Word(ref at, out _responseCookie, out _responseCookieEnd);

    /// <summary>The captured headers in braces, and the request in quotes, whose end may be cut off.</summary>
    private readonly void AddRequest(FieldList fields)
    {
        int at = _queuesEnd + 1;
        string name = "RequestHeaders";
        while (LineText.Has(_line, at, (byte)'{'))
        {
            int close = _line[at..].IndexOf("} "u8);
            if (close < 0) return;
            fields.AddUnlessNothing(_line, name, at + 1, at + close);
            name = "ResponseHeaders";
            at += close + 2;
        }

        if (!LineText.Has(_line, at, (byte)'"')) return;
        int end = _line.LastIndexOf((byte)'"');
        RequestLine.Read(_line, at + 1, end > at ? end : _line.Length, fields);
    }

    private readonly bool Word(ref int at, out int start, out int end)
    {
        start = end = Math.Min(at, _line.Length);
        if (at >= _line.Length) return false;
        end = LineText.WordEnd(_line, at);
        at = end + 1;
        return end > start;
    }

    private readonly int Parts(int start, int end) => _line[start..end].Count((byte)'/') + 1;

    private readonly void AddNumbers(FieldList fields, int start, int end, string[] names, FieldKind kind)
    {
        foreach (string name in names)
        {
            int slash = _line[start..end].IndexOf((byte)'/');
            int part = slash < 0 ? end : start + slash;
            AddNumber(fields, name, start, part, kind);
            start = Math.Min(part + 1, end);
        }
    }

    /// <summary>A plus says that the line was written before the end, or that a retry went to another server; -1 that it did not come to that.</summary>
    private readonly void AddNumber(FieldList fields, string name, int start, int end, FieldKind kind)
    {
        if (LineText.Has(_line, start, (byte)'+')) start++;
        if (end > start && _line[start] != '-') fields.Add(name, start, end - start, kind);
    }
}
