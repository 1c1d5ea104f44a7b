namespace ProdOps.Recovery.Readiness;

/// <summary>How something was found: an item, or one of several things that an item is about.</summary>
internal sealed record Verdict
{
    /// <summary>0 to 1.</summary>
    public double Score { get; init; }

    /// <summary>True if it could not be found out; then it counts as nothing.</summary>
    public bool IsUnknown { get; init; }

    public string Message { get; init; } = "";

    /// <summary>What it is about, where an item is about several.</summary>
    public string Subject { get; init; } = "";

    public object? Evidence { get; init; }

    public DateTimeOffset? Time { get; init; }

    /// <summary>Whether the proof counts for less as it gets older.</summary>
    public bool Decays { get; init; }

    public string Objective { get; init; } = "";

    public string Measured { get; init; } = "";

    public ReadinessBasis Basis { get; init; }

    public string Advice { get; init; } = "";

    public static Verdict Unknown(string why, string advice = "") => new() { IsUnknown = true, Message = why, Advice = advice };

    public static Verdict Missing(string message, string advice) => new() { Message = message, Advice = advice };

    /// <summary>It was proved at a moment, and is worth less as that goes by.</summary>
    /// <param name="share">How much of it was proved, 0 to 1.</param>
    /// <param name="message">What was proved; how long ago is added.</param>
    /// <param name="evidence">What proves it.</param>
    /// <param name="time">When.</param>
    /// <param name="now">The present.</param>
    /// <param name="advice">What to do where it is not, or not any more.</param>
    public static Verdict Proved(double share, string message, object evidence, DateTimeOffset time, DateTimeOffset now, string advice) => new()
    {
        Score = share * Decay.Share(time, now), Message = $"{message}, {Words.Age(time, now)}", Evidence = evidence, Time = time, Decays = true, Advice = advice,
    };

    /// <summary>Half for what is declared, the other half for what proves it.</summary>
    /// <param name="message">What is declared.</param>
    /// <param name="proof">What proves it, and when.</param>
    /// <param name="declared">What declares it.</param>
    /// <param name="now">The present.</param>
    /// <param name="advice">What would prove it.</param>
    public static Verdict Declared(string message, (object Evidence, DateTimeOffset Time)? proof, object declared, DateTimeOffset now, string advice) => proof is var (evidence, time)
        ? new Verdict { Score = 0.5 + Decay.Share(time, now) / 2, Message = $"{message}, proved {Words.Age(time, now)}", Evidence = evidence, Time = time, Decays = true, Advice = advice }
        : new Verdict { Score = 0.5, Message = $"{message}, as the file says; no test has shown it", Evidence = declared, Advice = advice };

    /// <summary>It is so at this moment.</summary>
    public static Verdict Seen(double share, string message, object? evidence, DateTimeOffset? time, string advice) => new() { Score = share, Message = message, Evidence = evidence, Time = time, Advice = advice };

    /// <summary>An item about several things: as good as they are in the mean, told by the weakest. Without any there is no item.</summary>
    /// <param name="parts">Each of them.</param>
    /// <param name="good">What to say where all are well.</param>
    public static Verdict? Of(IReadOnlyList<Verdict> parts, string good)
    {
        if (parts.Count == 0) return null;
        var worst = parts.OrderBy(static part => part.Score).ThenBy(static part => part.IsUnknown).ThenBy(static part => part.Time ?? DateTimeOffset.MaxValue).First();
        double score = parts.Average(static part => part.Score);
        int bad = parts.Count(static part => part.Score < 1);
        string message = parts.All(part => part.IsUnknown && part.Message == worst.Message) ? worst.Message
            : bad == 0 ? $"{good}{(parts.Count > 1 ? $" ({parts.Count})" : "")}: {Named(worst)}"
            : $"{(parts.Count > 1 ? $"{parts.Count - bad} of {parts.Count}: " : "")}{Named(worst)}";
        return worst with
        {
            Score = bad == 0 ? 1 : score,
            IsUnknown = parts.All(static part => part.IsUnknown),
            Message = message,
            Subject = "",
            Advice = bad == 0 ? "" : worst.Advice,
        };
    }

    private static string Named(Verdict part) => part.Subject.Length == 0 ? part.Message : $"{part.Subject} {part.Message}";
}
