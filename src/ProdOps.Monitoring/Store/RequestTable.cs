namespace ProdOps.Monitoring.Store;

/// <summary>A request and what became of it, as JSON.</summary>
internal readonly record struct RequestAnswered(long Id, string Answer);

/// <summary>What other processes ask of the one that runs the monitor: each is answered once.</summary>
internal sealed class RequestTable(StoreFile file)
{
    private const string Insert = "INSERT INTO request (time, json) VALUES ($1, $2) RETURNING id";
    private const string Open = "SELECT id, json FROM request WHERE answer IS NULL ORDER BY id";
    private const string SetAnswer = "UPDATE request SET answer = $2 WHERE id = $1 AND answer IS NULL";
    private const string GetAnswer = "SELECT answer FROM request WHERE id = $1";
    private const string Forget = "DELETE FROM request WHERE time < $1";
    private const string Withdrawn = "DELETE FROM request WHERE id = $1 AND answer IS NULL";

    private static readonly long Kept = (long)TimeSpan.FromDays(1).TotalMilliseconds;

    /// <returns>Its number.</returns>
    public long Add(DateTimeOffset now, string json) => file.Write(connection =>
    {
        connection.Execute(Forget, now.ToUnixTimeMilliseconds() - Kept);
        return connection.Number(Insert, now.ToUnixTimeMilliseconds(), json)!.Value;
    });

    /// <summary>What nobody has answered yet, in the order in which it was asked.</summary>
    public List<(long Id, string Json)> Unanswered() => file.Read(static connection =>
    {
        var open = new List<(long, string)>();
        using var reader = connection.Query(Open);
        while (reader.Read()) open.Add((reader.GetInt64(0), reader.GetString(1)));
        return open;
    });

    public void Answer(RequestAnswered answered) => file.Write(connection => Answer(connection, answered));

    /// <summary>Answers within a transaction of something else.</summary>
    public static int Answer(StoreConnection connection, RequestAnswered answered) => connection.Execute(SetAnswer, answered.Id, answered.Answer);

    public string? AnswerOf(long id) => file.Read(connection =>
    {
        using var reader = connection.Query(GetAnswer, id);
        return reader.Read() && !reader.IsDBNull(0) ? reader.GetString(0) : null;
    });

    /// <summary>Takes a request back that nobody has answered.</summary>
    /// <returns>False if it was answered meanwhile.</returns>
    public bool Withdraw(long id) => file.Write(connection => connection.Execute(Withdrawn, id)) == 1;
}
