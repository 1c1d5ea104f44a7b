namespace ProdOps.Recovery.Consoles.Actions;

/// <summary>
/// Forms that were shown and may be sent, each once. A form holds a secret that nobody can guess and that no other site can read; sent again, as by a second click, it gets the answer of the first time, and nothing is
/// done twice.
/// </summary>
internal sealed class FormTickets(TimeProvider time)
{
    private const int Most = 1000;

    private static readonly TimeSpan Life = TimeSpan.FromHours(1);

    private readonly Dictionary<string, Ticket> _tickets = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    /// <summary>The secret of a new form.</summary>
    /// <param name="path">Where it may be sent.</param>
    public string Issue(string path)
    {
        string secret = ConsoleGate.NewToken();
        lock (_tickets)
        {
            while (_order.Count >= Most || (_order.TryPeek(out string? oldest) && IsOver(_tickets[oldest]))) _tickets.Remove(_order.Dequeue());
            _tickets[secret] = new Ticket(path, time.GetTimestamp());
            _order.Enqueue(secret);
        }

        return secret;
    }

    /// <summary>What a form that was sent is answered; <see langword="null"/> where it is none that may be sent: unknown, too old, of another page, or sent already with something else in it.</summary>
    /// <param name="secret">Its secret.</param>
    /// <param name="path">Where it was sent.</param>
    /// <param name="form">All of it.</param>
    /// <param name="carryOut">Does what it asks for.</param>
    public Task<ConsoleAnswer>? Answer(string secret, string path, string form, Func<Task<ConsoleAnswer>> carryOut)
    {
        Ticket? ticket;
        lock (_tickets)
        {
            if (!_tickets.TryGetValue(secret, out ticket) || IsOver(ticket) || ticket.Path != path) return null;
            ticket.Form ??= form;
            ticket.Answer ??= new Lazy<Task<ConsoleAnswer>>(carryOut);
            if (ticket.Form != form) return null;
        }

        return ticket.Answer.Value;
    }

    private bool IsOver(Ticket ticket) => time.GetElapsedTime(ticket.Issued) > Life;

    private sealed record Ticket(string Path, long Issued)
    {
        public string? Form { get; set; }

        public Lazy<Task<ConsoleAnswer>>? Answer { get; set; }
    }
}
